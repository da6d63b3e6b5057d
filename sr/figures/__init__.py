"""The papers' figures and others, each as PNG, SVG, a CSV of what is drawn, and a JSON that describes it."""
