"""Run Tandem: load the lake, bind it, build the warehouse, publish what passed."""
