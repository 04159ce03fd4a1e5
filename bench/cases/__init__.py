"""One module a subject; each has `measure(ground)`, which yields its figures."""
