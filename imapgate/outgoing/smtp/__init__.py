"""Mail is handed over: SMTP as a client speaks it, and what a test system keeps from leaving."""
