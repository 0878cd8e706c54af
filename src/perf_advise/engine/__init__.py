"""Hot function x rules x facts: findings with their fixes, and refusals with their reasons."""
