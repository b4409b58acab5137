"""Every open activity is a folder: `Activities/<where>/#<number> <name>`, each user's own."""
