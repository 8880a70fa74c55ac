"""The register of information of DORA, article 28(3): fourteen templates, made of what the register knows."""
