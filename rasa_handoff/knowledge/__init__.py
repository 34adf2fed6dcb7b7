"""The knowledge base that comes with the plugin: a folder of Markdown files under a full-text index."""

from rasa_handoff.knowledge.folder import FolderKnowledge

__all__ = ["FolderKnowledge"]
