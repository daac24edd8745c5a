"""What runs: the web, the workers, the relay and the sweeper, each on the same runtime (signals, beat, watchdog)."""
