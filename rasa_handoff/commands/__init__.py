"""The commands of `rasa-handoff` that look at the detector and the queue from outside. Each file is one command."""
