"""What a mail client has to be told, and the forms in which it takes it."""
