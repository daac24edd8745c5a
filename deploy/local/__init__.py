"""Everything on one machine with one command: embedded servers, a supervisor for our processes, the demo, and set-up."""
