"""What happened: custody events in EPCIS 2.0 (GS1, 2022) and CBV 2.0, read, checked, identified and hashed."""
