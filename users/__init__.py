"""Staff and owner identities, roles, scopes and log-in."""
