"""The best connected site (连片): which parcels together, and what one refusal costs."""
