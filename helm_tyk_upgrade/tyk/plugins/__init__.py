"""Go plugins (step 2 of Tyk's upgrade guide): where they are named, what the target looks for, how to compile it."""
