"""Other people's servers: the connection, TLS, logging in, OAuth 2.0, and the secrets for it. What
is read from them and sent through them is decided elsewhere (`incoming`, `outgoing`)."""
