"""Reading the configurations of clients: pure, of the standard library alone, and for Python 3.8 on.

The script for fleets is made of these modules and nothing else (`discovery/script.py`). So each name at the top of one
of them is there once, and they are imported name by name.
"""
