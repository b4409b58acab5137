"""Settings that accounts and mailers share: how a server is reached and logged in to."""
