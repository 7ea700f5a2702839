"""What the reports to authorities, buyers and the public hold (law.md 5): content without a form."""
