"""Who may sign in and what a role may do, on Flask-AppBuilder's users, roles and permissions."""
