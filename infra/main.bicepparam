using 'main.bicep'

param namePrefix = 'tunnelwatch'
