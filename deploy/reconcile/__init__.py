"""The reconciler: what one slice knows and another lacks is found, and said again by whoever owns it.

Nothing is copied from one slice's tables into another's: the event that was lost is said again, and who lost it
handles it as ever. Whoever knows the case already passes over it, so that saying it twice does nothing.
"""
