"""OSCAL catalogues and profiles, as NIST publishes them: read as data, never resolved over the network."""
