"""Whether somebody is in danger now: found by rules, or only heard by learned weights (`sounding`)."""
