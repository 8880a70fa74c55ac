"""The hasher of the tests' passwords: the product's, at a hundredth of its cost, since they sign in often."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id with the least work that it allows; that the product keeps its own is told by tests/security."""

    time_cost, memory_cost, parallelism = 1, 8, 1
