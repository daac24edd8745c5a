"""What citizens meet: pages for people, the API for other systems."""
