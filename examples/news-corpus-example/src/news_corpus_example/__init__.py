"""A site, a stage, a spider and a command for the news corpus collector."""
