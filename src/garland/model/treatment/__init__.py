"""Care: what is given, when, and what it does to attack, pain, glucose and strength.

Effects with published evidence reproduce it; effects without are drawn wide around none and called assumed.
"""
