"""Pure mathematics: from paired numbers to intervals and p-values; knows no suite, model or file."""
