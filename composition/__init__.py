"""What a server is built from: inventories of releases, their components, and the advisories that hit them."""
