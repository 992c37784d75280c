"""The whole daemon in one thread, with a made-up clock, a made-up Gerrit and a seed that chooses what happens next."""
