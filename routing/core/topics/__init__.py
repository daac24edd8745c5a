"""Topics that grow (苗头): which messages are about one matter at one place, and when that is an early warning."""
