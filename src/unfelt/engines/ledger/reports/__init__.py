"""Reports of other programs, read into numbers: JUnit, SARIF, CycloneDX, Trivy, Locust, k6, and plain ones."""
