"""What tests share: databases made from a template, a small world, servers, a browser, a statement counter."""
