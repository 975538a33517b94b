"""What the patient feels and the examiner finds: strength, reflexes, sensation, pain, walking."""
