"""From glucose and fats, through the vessel wall and an immune attack on it, to oxygen in the nerve."""
