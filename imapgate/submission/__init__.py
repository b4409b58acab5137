"""What mail clients send through imapgate (RFC 6409): taken, handed over to the segment's mailer at
once, answered with that server's answer, and filed where it belongs."""
