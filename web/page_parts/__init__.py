"""What pages have in common: who may open one, lists, buttons, forms that ask before a step, files, and histories."""
