"""The risk register: findings, what is done about them, and risks that are accepted."""
