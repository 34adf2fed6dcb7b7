"""The commands of `rasa-handoff` that look at the detector. Each file is one command."""
