"""What happens to axons, their stumps and their muscles after the insult; the same for every cause."""
