# The equivalent of `make run` on Windows. Untested: no Windows machine has run it yet.
# Needs Python 3.11 to 3.14 from python.org with its `py` launcher.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

$stamp = ".venv\.app"
$inputs = "packaging\locks\app.txt", "packaging\locks\build.txt", "pyproject.toml", "packaging\setup\environment.py"
$newest = (Get-Item $inputs | Measure-Object -Property LastWriteTime -Maximum).Maximum

if (-not (Test-Path $stamp) -or (Get-Item $stamp).LastWriteTime -lt $newest) {
    $python = "3.13", "3.12", "3.11", "3.14" |
        Where-Object { & py "-$_" -c "import ensurepip" 2>$null; $LASTEXITCODE -eq 0 } |
        Select-Object -First 1
    if (-not $python) { throw "AQE Desktop needs Python 3.11, 3.12, 3.13 or 3.14." }
    & py "-$python" packaging\setup\environment.py .venv build app
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    New-Item -ItemType File -Force $stamp | Out-Null
}
& .venv\Scripts\python.exe -m aqe_desktop
exit $LASTEXITCODE
