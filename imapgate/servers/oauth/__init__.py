"""OAuth 2.0: how an account or a mailer comes to the token that it logs in with."""
