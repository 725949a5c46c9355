@echo off
echo tyk-upgrade: Windows itself is not supported. 1>&2
echo What to do: run Helm and this plugin inside WSL (Windows Subsystem for Linux): wsl --install 1>&2
exit /b 1
