"""The whole way of a batch on one machine: how long it takes, how much goes through, what memory it needs."""
