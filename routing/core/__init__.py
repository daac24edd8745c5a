"""Pure routing: rules as data, classification, choice of departments, what a dispatcher may decide."""
