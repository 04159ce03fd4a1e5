"""Pages: each module is a blueprint with ``register(app, appbuilder)``; each view wears ``@requires(permission)``."""
