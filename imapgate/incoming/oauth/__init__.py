"""OAuth 2.0: how an account comes to the token that it logs in with."""
