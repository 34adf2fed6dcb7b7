"""Adds the plugin to a bot, and takes it out again: only lines of ours come and go, each file's other bytes stay."""
