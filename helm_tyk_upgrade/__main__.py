from helm_tyk_upgrade.cli import main

raise SystemExit(main())
