"""What the action server loads: the shop's own actions and the handoff plugin's."""
