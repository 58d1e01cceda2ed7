"""Reports of other programs, read into numbers: JUnit, SARIF, CycloneDX, Locust, k6, and unfelt's own."""
