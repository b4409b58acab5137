"""Outlook's .msg files (MS-OXMSG), made into messages."""
