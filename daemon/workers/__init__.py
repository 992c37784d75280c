"""Everything that works: each worker has one method, `step(wait_s)`, and a thread is only a loop around it."""
